import { ActionIcon, Select } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { counted } from '../figures/count.ts';
import { SIZES } from './key-filters.ts';
import styles from './pager.module.css';

interface PagerProps {
  readonly shown: number;
  readonly number: number;
  readonly size: number;
  readonly onSize: (size: number) => void;
  readonly goBack: (() => void) | null;
  readonly goNext: (() => void) | null;
}

/** The pages of the list. It is read by cursor, so that it knows the next page and not how many there are. */
export function Pager({ shown, number, size, onSize, goBack, goNext }: PagerProps) {
  return (
    <nav className={styles['pager']} aria-label="Pages">
      <span>
        {goBack === null && goNext === null
          ? counted(shown, 'key')
          : `Page ${number} · ${counted(shown, 'key')}`}
      </span>
      <Select
        aria-label="Keys on a page"
        data={SIZES.map((value) => ({ value, label: `${value} a page` }))}
        value={String(size)}
        onChange={(value) => value !== null && onSize(Number(value))}
        allowDeselect={false}
        size="xs"
        w={116}
      />
      <ActionIcon
        variant="default"
        aria-label="Previous page"
        disabled={goBack === null}
        onClick={() => goBack?.()}
      >
        <IconChevronLeft size={16} stroke={1.8} />
      </ActionIcon>
      <ActionIcon
        variant="default"
        aria-label="Next page"
        disabled={goNext === null}
        onClick={() => goNext?.()}
      >
        <IconChevronRight size={16} stroke={1.8} />
      </ActionIcon>
    </nav>
  );
}
