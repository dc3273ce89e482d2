import ArgumentParser
import TOMLKit
import Yams

@main
struct Torii: ParsableCommand {
    mutating func run() throws { print("hi") }
}
