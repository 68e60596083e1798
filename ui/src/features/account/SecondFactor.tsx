import { Button, Code, Group, PasswordInput, PinInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useRefreshSession, useSession } from "@/app/session";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import type { RecoveryCodes, TotpSecret } from "./data";

/** Setting up, and taking away, the codes of an authenticator app. */
export function SecondFactor() {
  const { t } = useTranslation("account");
  const session = useSession();
  const refresh = useRefreshSession();
  const on = Boolean(session?.user.totp);
  const [code, setCode] = useState("");
  const begin = useMutation({
    mutationFn: () => call<TotpSecret>("POST", "/api/auth/totp/begin"),
  });
  const confirm = useMutation({
    mutationFn: (typed: string) =>
      call<RecoveryCodes>("POST", "/api/auth/totp/confirm", { body: { code: typed } }),
    onSuccess: async () => {
      begin.reset();
      setCode("");
      await refresh();
      told(t("totp.turnedOn"));
    },
    onError: () => setCode(""),
  });
  const [removing, setRemoving] = useState(false);
  const [password, setPassword] = useState("");
  const remove = useMutation({
    mutationFn: () => call("POST", "/api/auth/totp/remove", { body: { password } }),
    onSuccess: async () => {
      setRemoving(false);
      await refresh();
      told(t("totp.turnedOff"));
    },
    onSettled: () => setPassword(""),
  });
  return (
    <Section
      title={t("totp.title")}
      aside={
        <StatusBadge tone={on ? "good" : "neutral"}>
          {on ? t("totp.on") : t("totp.off")}
        </StatusBadge>
      }
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm" c="dimmed">
          {t("totp.text")}
        </Text>
        {confirm.data && (
          <div>
            <Text size="sm">{t("totp.recovery")}</Text>
            <Code block mt="xs" data-testid="recovery-codes">
              {confirm.data.recovery_codes.join("\n")}
            </Code>
          </div>
        )}
        {begin.data ? (
          <Group align="flex-start" gap="lg">
            <Picture svg={begin.data.qr_svg} label={t("totp.picture")} />
            <Stack gap="xs" maw={320}>
              <Text size="sm">{t("totp.scan")}</Text>
              <Code data-testid="totp-secret">{begin.data.secret}</Code>
              <PinInput
                length={6}
                type="number"
                oneTimeCode
                autoFocus
                value={code}
                onChange={setCode}
                onComplete={(typed) => confirm.mutate(typed)}
                aria-label={t("totp.code")}
                getInputProps={(index) => ({
                  "aria-label": t("signin:code.digit", { place: index + 1 }),
                })}
              />
              {confirm.error && <ErrorState error={confirm.error} inline />}
            </Stack>
          </Group>
        ) : removing && on ? (
          <form
            onSubmit={(event) => {
              event.preventDefault();
              remove.mutate();
            }}
          >
            <Stack gap="xs" align="flex-start">
              <PasswordInput
                label={t("password.current")}
                description={t("totp.removeText")}
                autoComplete="current-password"
                autoFocus
                required
                withAsterisk={false}
                w={320}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                visibilityToggleButtonProps={{ "aria-label": t("password.show") }}
              />
              <Button type="submit" variant="default" loading={remove.isPending}>
                {t("totp.remove")}
              </Button>
            </Stack>
          </form>
        ) : (
          <Button
            variant="default"
            loading={begin.isPending}
            onClick={() => (on ? setRemoving(true) : begin.mutate())}
          >
            {on ? t("totp.remove") : t("totp.begin")}
          </Button>
        )}
        {begin.error && <ErrorState error={begin.error} inline />}
        {remove.error && <ErrorState error={remove.error} inline />}
      </Stack>
    </Section>
  );
}

/** Our own server's SVG, shown as an image so that nothing in it can run. */
function Picture({ svg, label }: { svg: string; label: string }) {
  return (
    <img
      src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`}
      alt={label}
      width={176}
      height={176}
      style={{ background: "#fff", padding: 8, borderRadius: 6 }}
    />
  );
}
