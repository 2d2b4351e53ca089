import { Button } from '@mantine/core';
import { Link } from 'wouter';
import { Empty } from '../trouble/empty.tsx';

interface NoKeysProps {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
  readonly canCreate: boolean;
}

/** No key is there, or none that was looked for. */
export function NoKeys({ isFiltered, onClear, canCreate }: NoKeysProps) {
  if (isFiltered) {
    return (
      <Empty
        title="No key matches"
        action={
          <Button variant="default" onClick={onClear}>
            Clear the filters
          </Button>
        }
      >
        Search looks at names. Deleted keys are shown by the status “Deleted”.
      </Empty>
    );
  }
  return (
    <Empty
      title="No API keys yet"
      action={
        canCreate && (
          <Button component={Link} href="/keys/new">
            Create the first key
          </Button>
        )
      }
    >
      A key opens the router to one service, team or person, and says how much it may spend. It works as soon
      as it is made, with any OpenAI or Anthropic SDK.
    </Empty>
  );
}
