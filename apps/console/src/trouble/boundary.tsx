import { Component, type ReactNode } from 'react';
import { Trouble } from './trouble.tsx';

interface State {
  readonly error: unknown;
}

/** A script that did not come is not asked for again by the page that wanted it, but by the page loaded anew. */
const loadAnew = () =>
  fetch(window.location.href).then(
    () => window.location.reload(),
    () => undefined,
  );

/** A screen that breaks leaves the rest of the page standing. */
export class Boundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <Trouble what="This part of the page broke." error={this.state.error} onRetry={loadAnew} />;
  }
}
