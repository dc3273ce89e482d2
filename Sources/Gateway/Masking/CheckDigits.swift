/// The arithmetic by which numbers prove that they were not just typed; each takes the whole number with its check.
enum CheckDigits {
    /// Luhn's sum over all digits, as payment cards have it.
    static func luhn(_ number: UInt64) -> Bool {
        var rest = number
        var sum: UInt64 = 0
        var isDoubled = false
        while rest > 0 {
            let digit = rest % 10
            let value = isDoubled ? digit * 2 : digit
            sum += value > 9 ? value - 9 : value
            isDoubled.toggle()
            rest /= 10
        }
        return number > 0 && sum % 10 == 0
    }

    /// Japan's individual number of 12 digits: weights 2…7, 2…6 from the right, modulo 11.
    static func myNumber(_ number: UInt64) -> Bool {
        var rest = number / 10
        var sum: UInt64 = 0
        for place in UInt64(1)...11 {
            sum += rest % 10 * (place <= 6 ? place + 1 : place - 5)
            rest /= 10
        }
        let remainder = sum % 11
        return number > 0 && number % 10 == (remainder <= 1 ? 0 : 11 - remainder)
    }

    /// France's NIR of 15 digits: the last two are 97 less the rest of the others modulo 97.
    static func nir(_ number: UInt64) -> Bool {
        let (sex, month) = (number / 100_000_000_000_000, number / 10_000_000_000 % 100)
        guard [1, 2, 3, 4, 7, 8].contains(sex), (1...12).contains(month) || month >= 20 else { return false }
        return number % 100 == 97 - number / 100 % 97
    }

    /// Germany's tax number of 11 digits: one digit of the first ten stands there twice or three times, and all others at
    /// most once; ISO 7064 modulo 11, 10 at the end.
    static func germanTax(_ number: UInt64) -> Bool {
        guard number >= 10_000_000_000 else { return false }
        var counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        var product: UInt64 = 10
        var divisor: UInt64 = 10_000_000_000
        while divisor > 1 {
            let digit = number / divisor % 10
            counts[Int(digit)] += 1
            let sum = (digit + product) % 10
            product = (sum == 0 ? 10 : sum) * 2 % 11
            divisor /= 10
        }
        guard counts.count(where: { $0 > 1 }) == 1, counts.allSatisfy({ $0 <= 3 }) else { return false }
        return number % 10 == (11 - product) % 10
    }

    /// A social security number of the United States, which has no check but numbers that are never given.
    static func ssn(_ number: UInt64) -> Bool {
        let area = number / 1_000_000
        return area != 0 && area != 666 && area < 900 && number / 10_000 % 100 != 0 && number % 10_000 != 0
    }

    /// The letter behind the number of a Spanish DNI or NIE.
    static func spanishLetter(_ number: UInt64) -> UInt8 { Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)[Int(number % 23)] }
}
