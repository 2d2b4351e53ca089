import { Skeleton } from '@mantine/core';

/** A screen whose script is under way. */
export function ScreenSkeleton() {
  return (
    <div role="status" aria-busy="true" aria-label="Loading">
      <Skeleton height={24} width={180} mb={10} />
      <Skeleton height={14} width={320} maw="80%" mb={28} />
      <Skeleton height={320} radius="lg" />
    </div>
  );
}
