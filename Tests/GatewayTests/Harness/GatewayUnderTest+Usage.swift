import JSON

extension GatewayUnderTest {
    /// The records of usage that have been filed, once there are so many.
    func usageRecords(_ count: Int) async throws -> [JSONView] {
        try await eventually("\(count) records") {
            let answer = try await administration("/admin/v1/usage/records")
            let found = try JSONDocument(answer.body).root["data"]?.elements.map { $0 } ?? []
            return found.count >= count ? found : nil
        }
    }
}
