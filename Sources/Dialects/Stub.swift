package enum DialectsStub {}
