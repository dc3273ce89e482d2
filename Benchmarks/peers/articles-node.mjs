// The proxy of the articles without its framework: node:http and fetch; it parses the body, chooses a provider by the
// model's name, serialises the body again and buffers the whole answer.
import http from 'node:http'

const openai = process.env.OPENAI_BASE
const ollama = process.env.OLLAMA_BASE
const key = process.env.OPENAI_API_KEY

async function readBody(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  return JSON.parse(Buffer.concat(parts).toString('utf8'))
}

async function forward(body) {
  const base = String(body.model ?? '').includes('gpt-oss') ? ollama : openai
  return fetch(base + '/v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(body),
  })
}

const server = http.createServer(async (request, response) => {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    response.writeHead(404).end()
    return
  }
  try {
    const answer = await forward(await readBody(request))
    const whole = Buffer.from(await answer.arrayBuffer())
    const type = answer.headers.get('content-type') ?? 'application/json'
    response.writeHead(answer.status, { 'Content-Type': type, 'Content-Length': whole.length })
    response.end(whole)
  } catch (error) {
    const message = JSON.stringify({ error: { message: String(error) } })
    response.writeHead(502, { 'Content-Type': 'application/json' }).end(message)
  }
})

server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  console.error(`listening on http://127.0.0.1:${server.address().port}`)
})
