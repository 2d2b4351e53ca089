import { Menu, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconBook,
  IconCheck,
  IconDeviceDesktop,
  IconLogout,
  IconMoon,
  IconSelector,
  IconSun,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { admin } from '../api/admin.ts';
import { enter, useMe } from '../session/me.ts';
import styles from './account.module.css';

const SCHEMES = [
  ['auto', 'As the system', IconDeviceDesktop],
  ['light', 'Light', IconSun],
  ['dark', 'Dark', IconMoon],
] as const;

/** Who is signed in, how the page looks, and the way out. */
export function Account() {
  const me = useMe();
  const queries = useQueryClient();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const signOut = useMutation({
    mutationFn: () => admin.session.end(),
    onSettled: () => enter(queries, null),
  });
  return (
    <Menu position="top-start" width={216} shadow="md">
      <Menu.Target>
        <UnstyledButton className={styles['account']!}>
          <span>
            <strong>{me.name}</strong>
            <small>
              {me.role}
              {me.team_id !== null && ' of one team'}
            </small>
          </span>
          <IconSelector size={15} stroke={1.6} aria-hidden="true" />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map(([scheme, title, Icon]) => (
          <Menu.Item
            key={scheme}
            closeMenuOnClick={false}
            leftSection={<Icon size={15} stroke={1.6} />}
            rightSection={
              colorScheme === scheme ? <IconCheck size={14} stroke={2} aria-label="chosen" /> : null
            }
            onClick={() => setColorScheme(scheme)}
          >
            {title}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component="a" href="/docs" leftSection={<IconBook size={15} stroke={1.6} />}>
          API reference
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={15} stroke={1.6} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
