/** The state of a segment and of a refresh: icon and word, never hue alone. */
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import type { Refresh, State } from "./types";

const STATE_TONES: Record<State, Tone> = {
  fresh: "good",
  refreshing: "working",
  late: "warn",
  failed: "alarm",
  archived: "draft",
};

export function SegmentState({ state, title }: { state: State; title?: string }) {
  const { t } = useTranslation("segments");
  return (
    <StatusBadge tone={STATE_TONES[state]} title={title}>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}

const REFRESH_TONES: Record<Refresh["state"], Tone> = {
  queued: "draft",
  running: "working",
  done: "good",
  failed: "alarm",
  cancelled: "neutral",
};

export function RefreshState({ state }: { state: Refresh["state"] }) {
  const { t } = useTranslation("segments");
  return (
    <StatusBadge plain tone={REFRESH_TONES[state]}>
      {t(`refreshState.${state}`)}
    </StatusBadge>
  );
}
