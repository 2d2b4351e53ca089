import { useMediaQuery } from '@mantine/hooks';

/** Whether there is room for one column only: lists are cards then, and dialogs fill the screen. */
export const usePhone = (): boolean =>
  useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false }) ?? false;
