using System.Security.Cryptography;
using System.Text;
using Quoin.Accounts;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Names requests for the provider: by HMAC, so that nobody who knows a client's key can name another's request, under
/// two secrets, so that who learns one kind of name learns nothing of the other. Both secrets are keys of a purpose that
/// are made once and never change: rotating the master key only wraps them anew. A name that changed with a rotation
/// would let a repeated request be paid twice.
/// </summary>
internal sealed class RequestKeys(Secrets secrets)
{
    private const string OperationPurpose = "payments.operation_key";
    private const string ProviderPurpose = "payments.provider_key";

    /// <summary>The operation of a client's key: the same for ever, 64 hexadecimals.</summary>
    public string OperationOf(RequestAction action, BillingAccountKey account, string clientKey) =>
        Hash(OperationPurpose, $"{Word.Of(action)}|{account.Org}/{account.Account}|{clientKey}");

    /// <summary>The key a provider is sent with an operation: the same for ever, 64 hexadecimals.</summary>
    public string ProviderKeyOf(ProviderPlace place, RequestAction action, string operationKey) =>
        Hash(ProviderPurpose, $"{place.Provider}/{place.ModeWord}|{Word.Of(action)}|{operationKey}");

    /// <summary>The key of a call that is not a request's own, such as an expiry: by what it does to what.</summary>
    public string CallKeyOf(ProviderPlace place, string call, string subject) =>
        Hash(ProviderPurpose, $"{place.Provider}/{place.ModeWord}|call|{call}|{subject}");

    private string Hash(string purpose, string text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        secrets.Hash(purpose, Encoding.UTF8.GetBytes(text), hash);
        return Convert.ToHexStringLower(hash);
    }
}
