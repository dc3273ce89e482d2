package enum ProvidersStub {}
