import { Button, Checkbox, Tabs } from '@mantine/core';
import type { Propagation } from '@tollgate/contracts/admin-http';
import { useEffect, useState } from 'react';
import { counted } from '../figures/count.ts';
import { Code } from './code.tsx';
import { Copy } from './copy.tsx';
import { useGatewayUrl } from './gateway-url.ts';
import styles from './secret-once.module.css';
import { type Snippet, snippetsOf } from './snippets.ts';

interface SecretOnceProps {
  readonly secret: string;
  readonly propagation?: Propagation | undefined;
  /** What to do with it; of what opens the router, a first request. */
  readonly examples?: readonly Snippet[];
  readonly onSaved: () => void;
}

/** A secret, shown this once. It goes when the one who asked for it says that it is saved, and not before. */
export function SecretOnce({ secret, propagation, examples, onSaved }: SecretOnceProps) {
  const [isSaved, setSaved] = useState(false);
  const gatewayUrl = useGatewayUrl();
  const snippets = examples ?? snippetsOf(secret, gatewayUrl);
  const [first] = snippets;
  useEffect(() => {
    const hold = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', hold);
    return () => window.removeEventListener('beforeunload', hold);
  }, []);

  return (
    <div className={styles['once']}>
      <p>This is the only time it is shown. Tollgate cannot show it again.</p>
      <div className={styles['secret']}>
        <code data-secret>{secret}</code>
        <Copy text={secret} what="the secret" variant="filled" />
      </div>
      {propagation && <Reached propagation={propagation} />}
      {first && (
        <Tabs defaultValue={first.title} variant="default" keepMounted={false}>
          <Tabs.List>
            {snippets.map(({ title }) => (
              <Tabs.Tab key={title} value={title}>
                {title}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {snippets.map(({ title, code }) => (
            <Tabs.Panel key={title} value={title} pt="xs">
              <Code code={code} what={`the ${title} example`} />
            </Tabs.Panel>
          ))}
        </Tabs>
      )}
      <footer>
        <Checkbox
          label="I have saved it"
          checked={isSaved}
          onChange={(event) => setSaved(event.currentTarget.checked)}
        />
        <Button disabled={!isSaved} onClick={onSaved}>
          Done
        </Button>
      </footer>
    </div>
  );
}

function Reached({
  propagation: { complete, gateways, acknowledged, took_ms },
}: {
  readonly propagation: Propagation;
}) {
  if (gateways === 0)
    return <p className={styles['reached']}>No gateway is running; it works when one does.</p>;
  return (
    <p className={styles['reached']}>
      {complete
        ? `It works at ${gateways === 1 ? 'the gateway' : `all ${counted(gateways, 'gateway')}`}, ${Math.max(1, Math.round(took_ms))} ms after it was made.`
        : `${acknowledged} of ${counted(gateways, 'gateway')} know it so far; the rest will in a moment.`}
    </p>
  );
}
