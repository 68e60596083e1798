import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import type { State, Version } from "./types";

const TONES: Record<State, Tone> = {
  draft: "draft",
  live: "good",
  paused: "warn",
  closing: "working",
  ended: "neutral",
};

export function JourneyState({ state, plain }: { state: State; plain?: boolean }) {
  const { t } = useTranslation("journeys");
  return (
    <StatusBadge tone={TONES[state]} plain={plain}>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}

const VERSION_TONES: Record<Version["state"], Tone> = {
  draft: "draft",
  review: "working",
  live: "good",
  replaced: "neutral",
};

export function VersionState({ state }: { state: Version["state"] }) {
  const { t } = useTranslation("journeys");
  return (
    <StatusBadge tone={VERSION_TONES[state]} plain>
      {t(`versionState.${state}`)}
    </StatusBadge>
  );
}
