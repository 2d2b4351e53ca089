import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { admin } from '../api/admin.ts';
import { Mark } from '../shell/mark.tsx';
import { inWords } from '../trouble/in-words.ts';
import { enter } from './me.ts';
import styles from './sign-in.module.css';

/** Trades an admin key for a session. The key leaves the page's memory with the answer. */
export function SignIn() {
  const queries = useQueryClient();
  const [adminKey, setAdminKey] = useState('');
  const signIn = useMutation({
    mutationFn: () => admin.session.create({ body: { admin_key: adminKey.trim() } }),
    onSuccess: ({ expires_at: _, ...me }) => enter(queries, me),
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };

  return (
    <main className={styles['page']}>
      <form className={styles['card']} onSubmit={submit}>
        <Mark size={36} />
        <h1>Sign in to Tollgate</h1>
        <p>Keys, budgets and usage of your AI router.</p>
        <PasswordInput
          label="Admin key"
          placeholder="tga_…"
          value={adminKey}
          onChange={(event) => setAdminKey(event.currentTarget.value)}
          error={signIn.isError ? inWords(signIn.error) : null}
          autoComplete="current-password"
          spellCheck={false}
          data-autofocus
          autoFocus
          required
          withAsterisk={false}
          size="md"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the admin key' }}
        />
        <Button type="submit" size="md" fullWidth loading={signIn.isPending} mt="md">
          Sign in
        </Button>
        <p className={styles['hint']}>
          The first admin key is <code>TOLLGATE_ADMIN_KEY</code>; <code>npm start</code> prints it. It is
          traded for a session of twelve hours and not kept in this browser.
        </p>
      </form>
    </main>
  );
}
