extension Duration {
    /// How long a test waits for what has to happen at once: far less than any deadline that could bring it about, and far
    /// more than a machine is late that does other work beside it.
    package static let promptly: Duration = .seconds(5)
}
