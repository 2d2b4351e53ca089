import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

interface CopyIconProps {
  readonly text: string;
  /** `Copy the address` */
  readonly label: string;
}

/** Copies what stands before it, where there is no room for a button with words. */
export function CopyIcon({ text, label }: CopyIconProps) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={copy}>
            {copied ? <IconCheck size={13} stroke={2} /> : <IconCopy size={13} stroke={1.7} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
