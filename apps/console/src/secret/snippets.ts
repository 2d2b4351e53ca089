export interface Snippet {
  readonly title: string;
  readonly code: string;
}

const MODEL = 'gpt-4o-mini';

/** A first request with a new key, ready to be pasted; `baseUrl` is the gateway's, with `/v1`. */
export const snippetsOf = (secret: string, baseUrl: string): readonly Snippet[] => [
  {
    title: 'curl',
    code: `curl ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer ${secret}" \\
  -H "Content-Type: application/json" \\
  -d '{"model": "${MODEL}", "messages": [{"role": "user", "content": "Hello"}]}'`,
  },
  {
    title: 'Python',
    code: `from openai import OpenAI

client = OpenAI(
    base_url="${baseUrl}",
    api_key="${secret}",
)
answer = client.chat.completions.create(
    model="${MODEL}",
    messages=[{"role": "user", "content": "Hello"}],
)
print(answer.choices[0].message.content)`,
  },
  {
    title: 'JavaScript',
    code: `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "${baseUrl}",
  apiKey: "${secret}",
});
const answer = await client.chat.completions.create({
  model: "${MODEL}",
  messages: [{ role: "user", content: "Hello" }],
});
console.log(answer.choices[0].message.content);`,
  },
  {
    title: 'Environment',
    code: `OPENAI_BASE_URL=${baseUrl}
OPENAI_API_KEY=${secret}`,
  },
];
