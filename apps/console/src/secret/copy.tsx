import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

interface CopyProps {
  readonly text: string;
  /** What is copied, for those who do not see it: `the secret`. */
  readonly what: string;
  readonly variant?: 'filled' | 'default' | 'subtle';
}

/** Copies, and says that it did. */
export function Copy({ text, what, variant = 'default' }: CopyProps) {
  return (
    <CopyButton value={text} timeout={2_000}>
      {({ copied, copy }) => (
        <Button
          size="xs"
          variant={variant}
          {...(variant === 'subtle' && { color: 'gray' })}
          onClick={copy}
          aria-label={`Copy ${what}`}
          leftSection={copied ? <IconCheck size={14} stroke={2} /> : <IconCopy size={14} stroke={1.6} />}
        >
          <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
        </Button>
      )}
    </CopyButton>
  );
}
