import type { UsageFormat } from '../call/endpoints.ts';
import { CompletionEvents, EMPTY_CHAT, EMPTY_COMPLETION } from './completions.ts';
import type { EventReader, UsageDialect } from './dialect.ts';
import {
  chatFigures,
  embeddingFigures,
  field,
  messageFigures,
  type ReadFigures,
  responseFigures,
} from './figures.ts';
import { MessageEvents } from './messages.ts';
import { ResponseEvents } from './responses.ts';
import { SseStream } from './sse.ts';

const dialect = (figures: ReadFigures, events: (passUsageOn: boolean) => EventReader): UsageDialect => ({
  ofBody: (body) => {
    try {
      return figures(field(JSON.parse(body.toString()), 'usage'));
    } catch {
      return null;
    }
  },
  stream: (passUsageOn) => new SseStream(events(passUsageOn), passUsageOn),
});

const DIALECTS: Readonly<Record<UsageFormat, UsageDialect>> = {
  chat: dialect(chatFigures, (passUsageOn) => new CompletionEvents(chatFigures, EMPTY_CHAT, passUsageOn)),
  completion: dialect(
    chatFigures,
    (passUsageOn) => new CompletionEvents(chatFigures, EMPTY_COMPLETION, passUsageOn),
  ),
  embedding: dialect(embeddingFigures, (passUsageOn) => new CompletionEvents(chatFigures, [], passUsageOn)),
  response: dialect(responseFigures, () => new ResponseEvents()),
  message: dialect(messageFigures, () => new MessageEvents()),
};

export const dialectOf = (format: UsageFormat): UsageDialect => DIALECTS[format];
