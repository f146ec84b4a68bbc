using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The hashes of an audit chain: <c>hash = SHA-256(hash before ‖ sequence ‖ digest of the entry)</c>, the first one
/// after 32 zero bytes. PostgreSQL computes the same while the chain's head is locked.
/// </summary>
internal static class AuditChain
{
    private const int HashBytes = 32;
    private const int Absent = -1;

    // A new form of the entry gets a new word here, so that no entry of one form equals one of another.
    private static readonly byte[] Form = "quoin-audit-1"u8.ToArray();
    private static readonly byte[] ImpersonatedForm = "quoin-audit-2"u8.ToArray();

    /// <summary>What the first entry's hash covers in place of a hash before it.</summary>
    public static byte[] Start { get; } = new byte[HashBytes];

    /// <summary>The chain of an organisation, or of the platform.</summary>
    public static Guid Of(OrgId? org) => org?.Value ?? Guid.Empty;

    /// <summary>The digest of an entry: each member has its length before it, so none can flow into the next.</summary>
    public static byte[] Digest(AuditEntry entry, DateTimeOffset recordedAt)
    {
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        content.AppendData(entry.Impersonator is null ? Form : ImpersonatedForm);
        content.AppendData(Of(entry.Org).ToByteArray(bigEndian: true));
        AppendNumber(content, recordedAt.UtcTicks / TimeSpan.TicksPerMicrosecond);
        string?[] members = [entry.Actor, entry.Action, entry.Subject, entry.Reason, entry.Before, entry.After];
        if (entry.Impersonator is { } impersonator)
        {
            members = [.. members, impersonator];
        }

        foreach (var member in members)
        {
            if (member is null)
            {
                AppendNumber(content, Absent);
                continue;
            }

            var bytes = Encoding.UTF8.GetBytes(member);
            AppendNumber(content, bytes.Length);
            content.AppendData(bytes);
        }

        return content.GetHashAndReset();
    }

    /// <summary>The hash of the entry at a place, after the one before it.</summary>
    public static byte[] Next(byte[] before, long sequence, byte[] digest)
    {
        Span<byte> covered = stackalloc byte[HashBytes + sizeof(long) + HashBytes];
        before.CopyTo(covered);
        BinaryPrimitives.WriteInt64BigEndian(covered[HashBytes..], sequence);
        digest.CopyTo(covered[(HashBytes + sizeof(long))..]);
        return SHA256.HashData(covered);
    }

    private static void AppendNumber(IncrementalHash content, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        content.AppendData(bytes);
    }
}
