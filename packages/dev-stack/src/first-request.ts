import type { StartSettings } from './settings.ts';

/** What a newcomer needs next: addresses, the admin key, and commands that work when pasted. */
export function firstRequest({ ports, upstream }: StartSettings, adminKey: string): string {
  const admin = `http://127.0.0.1:${ports['key-admin']}`;
  const gateway = `http://127.0.0.1:${ports.gateway}`;
  const provider = `http://127.0.0.1:${ports['fake-provider']}`;
  return `
  Console     ${admin}/   (sign in with the admin key)
  Gateway     ${gateway}/v1   (what an OpenAI SDK takes as its base URL)
  Key admin   ${admin}/docs
  Metering    http://127.0.0.1:${ports.metering}
  Billing     http://127.0.0.1:${ports['billing-export']}
  Provider    ${upstream === 'fake' ? `${provider}   (fake: answers are made up, nothing is billed)` : 'the real one: requests are billed'}
  Admin key   ${adminKey}

Create a key that may make 3 requests a minute, and use it; the fourth request is refused with 429:

  KEY=$(curl -s ${admin}/v1/keys \\
    -H 'Authorization: Bearer ${adminKey}' -H 'Content-Type: application/json' \\
    -d '{"name":"first","limits":{"requests_per_minute":3}}' | tee /dev/stderr \\
    | sed -n 's/.*"secret":"\\([^"]*\\)".*/\\1/p')

  curl -is ${gateway}/v1/chat/completions \\
    -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
    -d '{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hello"}]}'

Logs are in .tollgate/logs. Ctrl-C stops everything; data is kept for the next start.
`;
}
