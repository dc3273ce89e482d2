/// The names already seen in each open object, so that a second one of the same name is found.
struct OpenKeys {
    private var names: [Set<[UInt8]>] = []

    mutating func openObject() { names.append([]) }
    mutating func closeObject() { names.removeLast() }

    /// Adds a name to the innermost object; false if it is there already.
    mutating func insert(_ key: Range<Int>, escaped: Bool, in text: Bytes) -> Bool {
        var name: [UInt8] = []
        text.unescape(key, into: &name)
        return names[names.count - 1].insert(name).inserted
    }
}
