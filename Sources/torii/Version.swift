/// The program's version, in this one place.
enum Version {
    static let current = "0.1.0"
}
