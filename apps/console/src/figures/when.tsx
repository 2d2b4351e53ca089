import { useNow } from './clock.ts';
import { atMinute, atSecond, atTime, away, changesWithinMs, onDay } from './instant.ts';

interface WhenProps {
  /** RFC 3339; `null` shows `absent`. */
  readonly at: string | null;
  readonly absent?: string;
  readonly as?: 'away' | 'time' | 'minute' | 'second' | 'day';
}

const TOLD = { time: atTime, minute: atMinute, second: atSecond, day: onDay };

/** An instant as people say it, with the exact one on hover. */
export function When({ at, absent = 'never', as = 'away' }: WhenProps) {
  if (at === null) return <span>{absent}</span>;
  const text = as === 'away' ? <Away at={at} /> : TOLD[as](at);
  return (
    <time dateTime={at} title={`${atSecond(at)} · ${at}`}>
      {text}
    </time>
  );
}

function Away({ at }: { readonly at: string }) {
  const nowMs = useNow(changesWithinMs(at, Date.now()));
  return <>{away(at, nowMs)}</>;
}
