package enum InferenceStub {}
