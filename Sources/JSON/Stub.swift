package enum JSONStub {}
