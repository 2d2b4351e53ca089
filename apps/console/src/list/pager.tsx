import { ActionIcon, Select } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { counted } from '../figures/count.ts';
import styles from './pager.module.css';

interface PagerProps {
  /** What the list is of: one, and several. */
  readonly of: readonly [one: string, many: string];
  readonly shown: number;
  readonly number: number;
  /** Where the viewer may choose how many are on a page. */
  readonly sizes?: readonly string[];
  readonly size?: number;
  readonly onSize?: (size: number) => void;
  readonly goBack: (() => void) | null;
  readonly goNext: (() => void) | null;
}

/** Another page is read from its beginning. */
const toTop = () => window.scrollTo({ top: 0 });

/** The pages of a list. It is read by cursor, so that it knows the next page and not how many there are. */
export function Pager({ of, shown, number, sizes, size, onSize, goBack, goNext }: PagerProps) {
  const sum = counted(shown, ...of);
  const isWhole = goBack === null && goNext === null;
  return (
    <nav className={styles['pager']} aria-label="Pages">
      <span>{isWhole ? sum : `Page ${number} · ${sum}`}</span>
      {sizes && (
        <Select
          aria-label="How many on a page"
          data={sizes.map((value) => ({ value, label: `${value} a page` }))}
          value={String(size)}
          onChange={(value) => value !== null && onSize?.(Number(value))}
          allowDeselect={false}
          size="xs"
          w={116}
        />
      )}
      {!isWhole && (
        <>
          <ActionIcon
            variant="default"
            aria-label="Previous page"
            disabled={goBack === null}
            onClick={() => {
              goBack?.();
              toTop();
            }}
          >
            <IconChevronLeft size={16} stroke={1.8} />
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label="Next page"
            disabled={goNext === null}
            onClick={() => {
              goNext?.();
              toTop();
            }}
          >
            <IconChevronRight size={16} stroke={1.8} />
          </ActionIcon>
        </>
      )}
    </nav>
  );
}
