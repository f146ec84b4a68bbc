// Signing in with a passkey or a wallet, and looking after both on the account's page. Buttons that need what the browser
// lacks stay hidden; everything else on these pages works without this script.
(() => {
  const remembered = "quoin_wallet";
  let ethereum = window.ethereum;

  const call = async (path, body) => {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      credentials: "same-origin",
      body: JSON.stringify(body),
    });
    const answer = response.status === 204 ? null : await response.json();
    if (answer?.code === "recent_sign_in_required") {
      location.assign(`/confirm?return_to=${encodeURIComponent(location.pathname)}`);
    }
    if (!response.ok) throw new Error(answer.detail || answer.title);
    return answer;
  };

  const signInWithPasskey = async (button) => {
    const { ceremony, options } = await call("/v1/auth/passkey/options", {});
    const credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
    const progress = await call("/v1/auth/passkey/verify", {
      ceremony, credential: credential.toJSON(), return_to: button.dataset.returnTo,
    });
    location.assign(progress.continue_at);
  };

  const confirmWithPasskey = async (button) => {
    const { ceremony, options } = await call("/v1/auth/passkey/options", {});
    const credential = await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
    });
    await call("/v1/me/confirm/passkey", { ceremony, credential: credential.toJSON() });
    location.assign(button.dataset.returnTo);
  };

  const registerPasskey = async (button) => {
    const name = document.getElementById("passkey-name").value.trim() || "Passkey";
    const { ceremony, options } = await call("/v1/me/passkeys/options", {});
    const credential = await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options),
    });
    await call("/v1/me/passkeys", { ceremony, credential: credential.toJSON(), name });
    location.assign(button.dataset.returnTo);
  };

  const hex = (text) =>
    "0x" + [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  // Some wallets write addresses small, some with a checksum: without capitals both say the same.
  const signWith = async (noncePath) => {
    const [account] = await ethereum.request({ method: "eth_requestAccounts" });
    const chain = Number.parseInt(await ethereum.request({ method: "eth_chainId" }), 16);
    const { message } = await call(noncePath, { address: account.toLowerCase(), chain_id: chain });
    const signature = await ethereum.request({ method: "personal_sign", params: [hex(message), account] });
    return { account, message, signature };
  };

  const signInWithWallet = async (button) => {
    const { account, message, signature } = await signWith("/v1/auth/wallet/nonce");
    const progress = await call("/v1/auth/wallet/verify", {
      message, signature, return_to: button.dataset.returnTo,
    });
    localStorage.setItem(remembered, account.toLowerCase());
    location.assign(progress.continue_at);
  };

  const linkWallet = async (button) => {
    const { message, signature } = await signWith("/v1/me/wallets/nonce");
    await call("/v1/me/wallets", { message, signature });
    location.assign(button.dataset.returnTo);
  };

  // A session that a wallet began ends with it: whoever takes another account in hand is another person.
  const dropSession = async () => {
    localStorage.removeItem(remembered);
    await fetch("/sign-out", { method: "POST", credentials: "same-origin" });
    location.assign("/sign-in");
  };

  const watch = () => {
    const mine = localStorage.getItem(remembered);
    if (!mine || !ethereum?.on) return;
    ethereum.on("accountsChanged", (accounts) => {
      if (!accounts.some((account) => account.toLowerCase() === mine)) dropSession();
    });
    ethereum.on("disconnect", dropSession);
  };

  const acts = {
    "passkey-sign-in": { needs: () => window.PublicKeyCredential?.parseRequestOptionsFromJSON, act: signInWithPasskey },
    "passkey-confirm": { needs: () => window.PublicKeyCredential?.parseRequestOptionsFromJSON, act: confirmWithPasskey },
    "passkey-register": { needs: () => window.PublicKeyCredential?.parseCreationOptionsFromJSON, act: registerPasskey },
    "wallet-sign-in": { needs: () => ethereum, act: signInWithWallet },
    "wallet-link": { needs: () => ethereum, act: linkWallet },
  };

  const complain = (button, text) => {
    const note = button.parentElement.querySelector("[role=alert]") ?? document.createElement("p");
    note.className = "remark bad complaint";
    note.setAttribute("role", "alert");
    note.textContent = text;
    button.after(note);
  };

  const reveal = () => {
    for (const button of document.querySelectorAll("button[data-proof]")) {
      const { needs, act } = acts[button.dataset.proof];
      if (!needs() || !button.hidden) continue;
      button.hidden = false;
      for (const beside of document.querySelectorAll(`[data-beside="${button.dataset.proof}"]`)) beside.hidden = false;
      button.addEventListener("click", async () => {
        button.disabled = true;
        try {
          await act(button);
        } catch (failure) {
          const isRefused = failure.name === "NotAllowedError" || failure.code === 4001;
          complain(button, isRefused ? "That was cancelled." : failure.message);
        } finally {
          button.disabled = false;
        }
      });
    }
  };

  // Whoever is on the sign-in page begins anew.
  if (location.pathname === "/sign-in") localStorage.removeItem(remembered);
  window.addEventListener("eip6963:announceProvider", (event) => {
    if (ethereum) return;
    ethereum = event.detail.provider;
    reveal();
    watch();
  });
  window.dispatchEvent(new Event("eip6963:requestProvider"));
  reveal();
  if (window.ethereum) watch();
})();
