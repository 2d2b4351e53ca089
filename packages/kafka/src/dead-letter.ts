import type { IHeaders, KafkaMessage, Message } from 'kafkajs';

export interface Cause {
  readonly topic: string;
  readonly partition: number;
  readonly reason: string;
  readonly consumer: string;
}

/** The original key, value and headers, with where it was found and why it could not be read as `dead_*` headers. */
export function deadLetter(message: KafkaMessage, cause: Cause): Message {
  const headers: IHeaders = {
    ...message.headers,
    dead_topic: cause.topic,
    dead_partition: String(cause.partition),
    dead_offset: message.offset,
    dead_reason: cause.reason.slice(0, 500),
    dead_consumer: cause.consumer,
  };
  return { key: message.key, value: message.value, headers };
}
