import { type ComponentType, use } from 'react';

/**
 * A screen whose script comes when it is first gone to, or earlier by `load`. One that has come is drawn at once: what is
 * shown in the place of one that has not, React leaves there for 300 ms at least.
 */
export function screen<Props extends object>(from: () => Promise<ComponentType<Props>>) {
  let come: ComponentType<Props> | undefined;
  let coming: Promise<ComponentType<Props>> | undefined;
  function load(): Promise<ComponentType<Props>> {
    coming ??= from().then((one) => {
      come = one;
      return one;
    });
    return coming;
  }
  const drawn = (props: Props) => {
    const Come = come ?? use(load());
    return <Come {...props} />;
  };
  return Object.assign(drawn, { load });
}
