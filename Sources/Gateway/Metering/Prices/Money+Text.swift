extension Money {
    /// The amount of USD as people write it, exactly and without zeros at its end: `12`, `0.0025`.
    package var text: String { Decimals.text(nanos, places: 9) }
}
