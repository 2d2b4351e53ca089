import {
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  type MantineColorsTuple,
  Menu,
  Modal,
  Skeleton,
  Tooltip,
} from '@mantine/core';

const toll: MantineColorsTuple = [
  ...(['#e3f2f6', '#c4e5ee', '#97d3e2', '#66bfd5', '#4fc2da'] as const),
  ...(['#1f8fab', '#127a95', '#0b6b84', '#085468', '#053e4d'] as const),
];
/** Mantine's own greys in the tint of tokens.css. */
const gray: MantineColorsTuple = [
  ...(['#f7f8f9', '#f1f3f5', '#e4e7ea', '#d8dce1', '#cfd4da'] as const),
  ...(['#a5adb7', '#7d8793', '#4e5762', '#2c333b', '#14181d'] as const),
];
const dark: MantineColorsTuple = [
  ...(['#eef0f3', '#b0b8c2', '#929ca8', '#5d6772', '#39414a'] as const),
  ...(['#252a31', '#1a1e23', '#14171b', '#101317', '#0d0f12'] as const),
];

export const theme = createTheme({
  colors: { toll, gray, dark },
  primaryColor: 'toll',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  respectReducedMotion: true,
  fontFamily: 'var(--sans)',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 'sm',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '10px', xl: '16px' },
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.4' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '1.3' },
      h2: { fontSize: '14px', lineHeight: '1.4' },
      h3: { fontSize: '13px', lineHeight: '1.4' },
    },
  },
  cursorType: 'pointer',
  components: {
    // What is done most is ink; the accent is for what is live or chosen.
    Button: Button.extend({
      defaultProps: { size: 'sm' },
      vars: (_, { variant = 'filled', color }) => {
        const ink = variant === 'filled' && color === undefined;
        return {
          root: {
            ...(ink && { '--button-bg': 'var(--ink)', '--button-hover': 'var(--ink-2)' }),
            ...(ink && { '--button-color': 'var(--paper)' }),
          },
        };
      },
    }),
    Checkbox: Checkbox.extend({ defaultProps: { radius: 'xs' } }),
    // Its first entry has the focus at once; what would have it before is no entry, and may not stand in a menu.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 'lg',
        centered: true,
        overlayProps: { backgroundOpacity: 0.45, blur: 2 },
        transitionProps: { transition: 'pop', duration: 120 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: { openDelay: 250, withArrow: false, transitionProps: { duration: 80 } },
    }),
    Skeleton: Skeleton.extend({ defaultProps: { radius: 'xs' } }),
  },
});

const shared = {
  '--mantine-color-body': 'var(--paper)',
  '--mantine-color-text': 'var(--ink)',
  '--mantine-color-dimmed': 'var(--ink-3)',
  '--mantine-color-placeholder': 'var(--ink-3)',
  '--mantine-color-default': 'var(--raised)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-default-border': 'var(--line-strong)',
  '--mantine-color-error': 'var(--bad)',
  '--mantine-color-anchor': 'var(--accent)',
};

/** Mantine's parts take their colours from tokens.css. */
export const cssVariables: CSSVariablesResolver = () => ({ variables: {}, light: shared, dark: shared });
