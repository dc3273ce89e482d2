/// A model as its provider lists it; what a provider does not tell is nil or empty.
package struct CatalogModel: Sendable, Hashable {
    package var name: String
    /// Who made or serves it, in the provider's word.
    package var owner: String?
    /// Bytes on the provider's disk.
    package var size: Int?
    /// When it was made or pulled, as the provider writes it: seconds since 1970, or a date.
    package var changed: String?
    /// The architecture's name, such as `gptoss`.
    package var family: String?
    /// As the provider writes it, such as `20.9B`.
    package var parameters: String?
    package var quantisation: String?
    /// The most tokens of context the model was trained for, or the server serves.
    package var contextLength: Int?
    /// Words such as `tools`, `vision`, `thinking`.
    package var capabilities: [String]
    /// Set while the model is in memory.
    package var loaded: Loaded?

    /// How a model is held in memory now.
    package struct Loaded: Sendable, Hashable {
        /// Tokens of context that were allocated; less than the model's own is usual.
        package var contextLength: Int?
        /// Bytes in all, and the part of them in a GPU's memory.
        package var size: Int?
        package var sizeOnGPU: Int?
        /// When it will be unloaded, as the provider writes it.
        package var expires: String?

        package init(
            contextLength: Int? = nil,
            size: Int? = nil,
            sizeOnGPU: Int? = nil,
            expires: String? = nil
        ) {
            self.contextLength = contextLength
            self.size = size
            self.sizeOnGPU = sizeOnGPU
            self.expires = expires
        }
    }

    package init(name: String, capabilities: [String] = []) {
        self.name = name
        self.capabilities = capabilities
    }
}
