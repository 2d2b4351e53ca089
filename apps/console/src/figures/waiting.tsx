import styles from './waiting.module.css';

/** In the place of a figure that is under way. A list has hundreds of these at once, so that they stand still. */
export function Waiting() {
  return <span className={styles['waiting']} data-waiting="" />;
}
