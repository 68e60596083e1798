import {
  Anchor,
  Button,
  Group,
  PasswordInput,
  PinInput,
  Stack,
  Text,
  TextInput,
} from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeLocale } from "@/app/i18n";
import { sessionQuery } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { ErrorState } from "@/design/states";

interface SignInFormProps {
  /** Given when the same person signs in again. */
  email?: string;
  onDone: () => void;
}

/** The code by which the API says that a second factor is wanted. */
const CODE_WANTED = "code_required";

export function SignInForm({ email: known, onDone }: SignInFormProps) {
  const { t } = useTranslation("signin");
  const client = useQueryClient();
  const [email, setEmail] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const [wantsCode, setWantsCode] = useState(false);
  const [recovering, setRecovering] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);

  const submit = async (event?: FormEvent, typed = code) => {
    event?.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await call("POST", "/api/auth/sign-in", {
        body: { email: email.trim(), password, ...(typed ? { code: typed } : {}) },
      });
      const session = await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
      await changeLocale(session.user.locale === "en" ? "en" : "ja");
      onDone();
    } catch (caught) {
      if (isApiError(caught) && caught.code === CODE_WANTED) setWantsCode(true);
      else {
        setError(caught);
        setCode("");
      }
    } finally {
      setBusy(false);
    }
  };

  const turnTo = (recovery: boolean) => {
    setRecovering(recovery);
    setCode("");
    setError(null);
  };
  const leaveCode = () => {
    turnTo(false);
    setWantsCode(false);
  };

  if (wantsCode) {
    return (
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {t(recovering ? "recovery.text" : "code.text")}
          </Text>
          {recovering ? (
            <TextInput
              label={t("recovery.label")}
              autoComplete="off"
              autoFocus
              value={code}
              onChange={(event) => setCode(event.currentTarget.value)}
            />
          ) : (
            <PinInput
              length={6}
              type="number"
              oneTimeCode
              autoFocus
              size="md"
              value={code}
              onChange={setCode}
              onComplete={(typed) => void submit(undefined, typed)}
              aria-label={t("code.label")}
              getInputProps={(index) => ({ "aria-label": t("code.digit", { place: index + 1 }) })}
            />
          )}
          {error !== null && <ErrorState error={error} inline />}
          <Button
            type="submit"
            loading={busy}
            disabled={recovering ? !code.trim() : code.length !== 6}
          >
            {t("code.submit")}
          </Button>
          <Group justify="space-between">
            <Anchor component="button" type="button" size="sm" onClick={() => turnTo(!recovering)}>
              {t(recovering ? "recovery.leave" : "recovery.open")}
            </Anchor>
            <Anchor component="button" type="button" size="sm" onClick={leaveCode}>
              {t("code.back")}
            </Anchor>
          </Group>
        </Stack>
      </form>
    );
  }
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="md">
        <TextInput
          label={t("email")}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus={!known}
          readOnly={Boolean(known)}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("password")}
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          autoFocus={Boolean(known)}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
        />
        {error !== null && <ErrorState error={error} inline />}
        <Button type="submit" loading={busy}>
          {t("submit")}
        </Button>
      </Stack>
    </form>
  );
}
