import type { Snippet } from '../secret/snippets.ts';

/** How a receiver knows that a message is genuine; the libraries are those of Standard Webhooks. */
export const signingExamples = (secret: string): readonly Snippet[] => [
  {
    title: 'JavaScript',
    code: `import { Webhook } from "standardwebhooks";

const webhook = new Webhook("${secret}");
// Throws unless it is genuine and of now; \`body\` is the text as it came.
const { type, data } = webhook.verify(body, request.headers);`,
  },
  {
    title: 'Python',
    code: `from standardwebhooks import Webhook

webhook = Webhook("${secret}")
# Raises unless it is genuine and of now; body is the text as it came.
message = webhook.verify(body, request.headers)`,
  },
  { title: 'Environment', code: `WEBHOOK_SECRET=${secret}` },
];
