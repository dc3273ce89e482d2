import GRDB

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Keys by something else than their ids.
extension IdentityTables {
    /// All keys with a label.
    func keys(labelled label: String) throws(AdministrationProblem) -> [IdentityRow] {
        try guarded {
            try Row.fetchAll(database, sql: "SELECT * FROM keys WHERE label = ? ORDER BY number", arguments: [label])
                .map { IdentityRow(.keys, $0) }
        }
    }

    /// Whether a text is the key of a row, by its secret or the one before.
    func opens(_ text: KeyText, _ row: IdentityRow) throws(AdministrationProblem) -> Bool {
        try guarded {
            let found = try Row.fetchOne(
                database,
                sql: "SELECT hash, previous_hash FROM keys WHERE id = ?",
                arguments: [row.id]
            )
            let hashes = [found?["hash"] as Data?, found?["previous_hash"] as Data?].compactMap(\.self)
            return hashes.contains { hasher.matches(text.text, Array($0)) }
        }
    }
}
