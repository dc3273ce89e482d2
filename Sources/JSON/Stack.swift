/// A stack of plain values that is owned by one scan.
///
/// Besides `Bytes` the only user of unsafe pointers: an array asks with each change whether it is shared, which costs
/// the scan a tenth of its time. Debug builds check each access.
struct Stack<Element: BitwiseCopyable>: ~Copyable {
    private var slots: UnsafeMutablePointer<Element>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
        slots = .allocate(capacity: capacity)
    }

    deinit {
        slots.deallocate()
    }

    @inline(__always)
    subscript(_ index: Int) -> Element {
        get {
            assert(index >= 0 && index < count, "read outside of the stack")
            return slots[index]
        }
        set {
            assert(index >= 0 && index < count, "write outside of the stack")
            slots[index] = newValue
        }
    }

    /// A copy of all elements, the first pushed first.
    var elements: [Element] { Array(UnsafeBufferPointer(start: slots, count: count)) }

    @inline(__always)
    mutating func push(_ element: Element) {
        if count == capacity { grow() }
        slots[count] = element
        count &+= 1
    }

    @inline(__always)
    mutating func pop() -> Element {
        assert(count > 0, "nothing is left to take")
        count &-= 1
        return slots[count]
    }

    /// Gives up all but the first `count` elements.
    @inline(__always)
    mutating func shrink(to count: Int) {
        assert(count >= 0 && count <= self.count, "a stack does not grow by shrinking")
        self.count = count
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: slots, count: count)
        slots.deallocate()
        slots = larger
        capacity *= 2
    }
}
