import { TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ResetBody } from '@tollgate/contracts/admin-http';
import { type ReactNode, useState } from 'react';
import { Confirmed } from '../confirm/confirmed.tsx';
import { count } from '../figures/count.ts';
import { usd } from '../figures/money.ts';
import { useMeter } from '../live/live.tsx';

interface ResetUsageProps<Answer> {
  /** Whose: `Search`, `the organization`. */
  readonly name: string;
  readonly scopeId: string;
  /** What goes on as it was. */
  readonly children: ReactNode;
  readonly reset: (body: ResetBody) => Promise<Answer>;
  readonly onReset: (answer: Answer) => void;
  readonly onClose: () => void;
}

/** Starts the counters of a scope at zero within its period. */
export function ResetUsage<Answer>(props: ResetUsageProps<Answer>) {
  const { name, scopeId, children, reset, onReset, onClose } = props;
  const used = useMeter(scopeId)?.meter;
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => reset(reason.trim() === '' ? {} : { reason }),
    onSuccess: (answer) => {
      onReset(answer);
      onClose();
    },
  });
  return (
    <Confirmed
      title={`Reset usage of ${name}`}
      submit="Reset usage"
      failed="The usage was not reset."
      error={act.error}
      isPending={act.isPending}
      onConfirm={() => act.mutate()}
      onClose={onClose}
    >
      <p>
        Cost and tokens of the current period start at zero
        {used && (
          <>
            {' '}
            from <strong>{usd(used.cost_usd)}</strong> and <strong>{count(used.tokens)} tokens</strong>
          </>
        )}
        . {children}
      </p>
      <TextInput
        label="Reason"
        description="Optional; it is kept in the audit log."
        maxLength={512}
        dir="auto"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
      />
    </Confirmed>
  );
}
