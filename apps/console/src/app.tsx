import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { createQueryClient } from './api/query-client.ts';
import { LiveProvider } from './live/live.tsx';
import { loadScreen, Screens } from './screens.tsx';
import { useWhoIsThere } from './session/me.ts';
import { SignIn } from './session/sign-in.tsx';
import { Shell } from './shell/shell.tsx';
import { cssVariables, theme } from './theme/theme.ts';
import { Trouble } from './trouble/trouble.tsx';

export function App() {
  const [queries] = useState(createQueryClient);
  return (
    <QueryClientProvider client={queries}>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
        <Notifications position="bottom-right" limit={4} />
        <Door />
      </MantineProvider>
    </QueryClientProvider>
  );
}

/** Shows the console to those who are signed in, and to others the way in. */
function Door() {
  const who = useWhoIsThere();
  const [isScreenThere, setScreenThere] = useState(false);
  useEffect(() => {
    void loadScreen(window.location.pathname).then(() => setScreenThere(true));
  }, []);
  if (who.isPending || (who.data && !isScreenThere)) return null;
  if (who.isError) {
    return (
      <main style={{ maxWidth: 560, margin: '20vh auto', padding: 16 }}>
        <Trouble what="The console cannot reach Tollgate." error={who.error} onRetry={who.refetch} />
      </main>
    );
  }
  if (who.data === null) return <SignIn />;
  return (
    <LiveProvider key={who.data.id}>
      <Shell>
        <Screens />
      </Shell>
    </LiveProvider>
  );
}
