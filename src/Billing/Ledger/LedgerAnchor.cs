using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger;

/// <summary>The head of an organisation's chain at the instant of an anchor.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="TransferCount">The last transfer's number; 0 where there was none.</param>
/// <param name="LastTransfer">The last transfer; null where there was none.</param>
/// <param name="HeadHash">Its hash: it covers every transfer and entry before it.</param>
public sealed record AnchoredHead(OrgId Org, long TransferCount, TransferId? LastTransfer, byte[] HeadHash);

/// <summary>Which database an anchor was taken of: tells a person what they look at, and proves nothing.</summary>
/// <param name="SystemIdentifier">PostgreSQL's identifier of the cluster.</param>
/// <param name="Name">The database's name.</param>
public sealed record AnchoredDatabase(string SystemIdentifier, string Name);

/// <summary>Whether a signature holds, and who says so.</summary>
public enum AnchorSignature
{
    /// <summary>It was made with the pinned key.</summary>
    HoldsByPinnedKey,

    /// <summary>It was made with the key the document itself names: whoever writes a document can name a key.</summary>
    HoldsByItsOwnKey,

    /// <summary>The document was made with another key than the pinned one.</summary>
    OtherKey,

    /// <summary>The document is not what was signed.</summary>
    Broken,
}

/// <summary>
/// The heads of all chains at one instant, signed: kept where the owner of the database cannot reach it, it proves that
/// nothing before it was changed.
/// </summary>
public sealed class LedgerAnchor
{
    /// <summary>The version of the document.</summary>
    public const string CurrentFormat = "quoin-ledger-anchor-1";

    private static readonly JsonSerializerOptions Indented = new(JsonConventions.Options) { WriteIndented = true };

    private readonly Dictionary<OrgId, AnchoredHead> byOrg;
    private readonly Document document;

    private LedgerAnchor(Document document)
    {
        this.document = document;
        AnchoredAt = document.AnchoredAt;
        Organisations = [.. document.Organisations.Select(line => new AnchoredHead(
            line.Org, line.TransferCount, line.LastTransfer, Convert.FromHexString(line.HeadHash)))];
        byOrg = Organisations.ToDictionary(head => head.Org);
        Digest = SHA256.HashData(Statement);
    }

    /// <summary>When the heads were read.</summary>
    public DateTimeOffset AnchoredAt { get; }

    /// <summary>Of which database.</summary>
    public AnchoredDatabase Database => document.Database;

    /// <summary>The heads.</summary>
    public IReadOnlyList<AnchoredHead> Organisations { get; }

    /// <summary>SHA-256 of <see cref="Statement"/>.</summary>
    public byte[] Digest { get; }

    /// <summary>
    /// What is signed, as UTF-8 text: the format, the instant, the cluster, the database, then a line for each
    /// organisation: id, number, last transfer or <c>-</c>, hash.
    /// </summary>
    public byte[] Statement => Encoding.UTF8.GetBytes(document.StatementText());

    /// <summary>The head of an organisation; null where it was not anchored.</summary>
    public AnchoredHead? HeadOf(OrgId org) => byOrg.GetValueOrDefault(org);

    /// <summary>The document as it is stored.</summary>
    public byte[] ToJson() => [.. JsonSerializer.SerializeToUtf8Bytes(document, Indented), (byte)'\n'];

    /// <summary>Whether the signature holds; no database is asked.</summary>
    /// <param name="pinned">The key it must be made with; null believes the one in the document.</param>
    public AnchorSignature Check(ECDsa? pinned)
    {
        try
        {
            var key = Convert.FromBase64String(document.PublicKey);
            using var own = ECDsa.Create();
            own.ImportSubjectPublicKeyInfo(key, out _);
            var isSigned = own.VerifyData(
                Statement,
                Convert.FromBase64String(document.Signature),
                HashAlgorithmName.SHA256,
                DSASignatureFormat.Rfc3279DerSequence);
            if (!isSigned || document.Digest != Convert.ToHexStringLower(Digest))
            {
                return AnchorSignature.Broken;
            }

            return pinned is null ? AnchorSignature.HoldsByItsOwnKey
                : pinned.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key) ? AnchorSignature.HoldsByPinnedKey
                : AnchorSignature.OtherKey;
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException)
        {
            return AnchorSignature.Broken;
        }
    }

    /// <summary>Reads a document; false when it is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> json, [NotNullWhen(true)] out LedgerAnchor? anchor)
    {
        anchor = null;
        try
        {
            var read = JsonSerializer.Deserialize<Document>(json, JsonConventions.Options);
            if (read is { Format: CurrentFormat, Organisations.Count: <= Limits.AnchoredOrganisationsMax })
            {
                anchor = new LedgerAnchor(read);
            }
        }
        catch (Exception failure) when (failure is JsonException or FormatException or ArgumentException)
        {
            return false;
        }

        return anchor is not null;
    }

    /// <summary>Signs heads.</summary>
    internal static LedgerAnchor Sign(
        DateTimeOffset at, AnchoredDatabase database, IEnumerable<AnchoredHead> heads, ECDsa key)
    {
        var unsigned = new Document(
            CurrentFormat,
            at,
            database,
            [.. heads.OrderBy(head => head.Org.Value).Select(head => new Line(
                head.Org, head.TransferCount, head.LastTransfer, Convert.ToHexStringLower(head.HeadHash)))],
            string.Empty,
            Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
            string.Empty);
        var statement = Encoding.UTF8.GetBytes(unsigned.StatementText());
        var signature = key.SignData(statement, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        return new LedgerAnchor(unsigned with
        {
            Digest = Convert.ToHexStringLower(SHA256.HashData(statement)),
            Signature = Convert.ToBase64String(signature),
        });
    }

    private sealed record Document(
        string Format,
        DateTimeOffset AnchoredAt,
        AnchoredDatabase Database,
        IReadOnlyList<Line> Organisations,
        string Digest,
        string PublicKey,
        string Signature)
    {
        public string StatementText()
        {
            var text = new StringBuilder()
                .Append(Format).Append('\n')
                .Append(Rfc3339.Format(AnchoredAt)).Append('\n')
                .Append(Database.SystemIdentifier).Append('\n')
                .Append(Database.Name).Append('\n');
            foreach (var line in Organisations)
            {
                text.Append(CultureInfo.InvariantCulture, $"{line.Org} {line.TransferCount} ")
                    .Append(line.LastTransfer?.ToString() ?? "-")
                    .Append(' ').Append(line.HeadHash).Append('\n');
            }

            return text.ToString();
        }
    }

    private sealed record Line(OrgId Org, long TransferCount, TransferId? LastTransfer, string HeadHash);
}
