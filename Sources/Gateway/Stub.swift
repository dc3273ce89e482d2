import Hummingbird
import NIOHTTP1
import NIOSSL
package enum GatewayStub {}
