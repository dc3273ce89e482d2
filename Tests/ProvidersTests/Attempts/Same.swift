import Testing

/// Expects two values to be the same, of which one may come from a call that changes something.
func same<Value: Equatable>(_ value: Value, _ expected: Value, at place: SourceLocation = #_sourceLocation) {
    #expect(value == expected, sourceLocation: place)
}
