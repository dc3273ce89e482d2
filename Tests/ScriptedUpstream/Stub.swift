package enum ScriptedUpstreamStub {}
