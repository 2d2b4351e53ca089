import styles from './code.module.css';
import { Copy } from './copy.tsx';

/** Text to be pasted elsewhere. */
export function Code({ code, what }: { readonly code: string; readonly what: string }) {
  return (
    <div className={styles['code']}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <pre tabIndex={0}>{code}</pre>
      <div>
        <Copy text={code} what={what} />
      </div>
    </div>
  );
}
