import { afterClick } from './after-click.ts';

interface Left {
  readonly form: { validateField(field: never): unknown };
  readonly field: unknown;
}

/**
 * For a form's `enhanceGetInputProps`: validates a field when it is left. What is said of it takes up room, so it waits
 * for the click that left the field, which would miss what moved away from under it.
 */
export const validateWhenLeft = ({ form, field }: Left) => ({
  onBlur: () => afterClick(() => form.validateField(field as never)),
});
