import { ConfigError } from '@tollgate/service-kit/config';
import type { KafkaConfig } from 'kafkajs';

/** How a service's settings say that the broker is reached. */
export interface BrokerConfig {
  readonly KAFKA_SSL: boolean;
  readonly KAFKA_SSL_CA?: string | undefined;
  readonly KAFKA_SSL_CERT?: string | undefined;
  readonly KAFKA_SSL_KEY?: string | undefined;
  readonly KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined;
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: string | undefined;
}

/** In the terms of kafkajs. */
export type BrokerAccess = Pick<KafkaConfig, 'ssl' | 'sasl'>;

/** @throws ConfigError where settings contradict each other, or a password would travel in the clear */
export function brokerAccess(config: BrokerConfig): BrokerAccess {
  const ssl = sslOf(config);
  const sasl = saslOf(config);
  return { ...(ssl && { ssl }), ...(sasl && { sasl }) };
}

function sslOf({
  KAFKA_SSL,
  KAFKA_SSL_CA,
  KAFKA_SSL_CERT,
  KAFKA_SSL_KEY,
}: BrokerConfig): BrokerAccess['ssl'] {
  if (!KAFKA_SSL) {
    if (KAFKA_SSL_CA || KAFKA_SSL_CERT || KAFKA_SSL_KEY)
      throw new ConfigError('certificates for Kafka are set and KAFKA_SSL is not: set KAFKA_SSL=true.');
    return undefined;
  }
  if (!KAFKA_SSL_CERT !== !KAFKA_SSL_KEY)
    throw new ConfigError('KAFKA_SSL_CERT and KAFKA_SSL_KEY go together: set both, or neither.');
  return {
    ...(KAFKA_SSL_CA && { ca: KAFKA_SSL_CA }),
    ...(KAFKA_SSL_CERT && { cert: KAFKA_SSL_CERT, key: KAFKA_SSL_KEY! }),
  };
}

function saslOf(config: BrokerConfig): BrokerAccess['sasl'] {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username } = config;
  const { KAFKA_SASL_PASSWORD: password } = config;
  if (!mechanism && !username && !password) return undefined;
  if (!mechanism || !username || !password)
    throw new ConfigError(
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD go together: set all, or none.',
    );
  if (mechanism === 'plain' && !config.KAFKA_SSL)
    throw new ConfigError('KAFKA_SASL_MECHANISM=plain sends the password as it is: set KAFKA_SSL=true.');
  return { mechanism, username, password } as BrokerAccess['sasl'];
}
