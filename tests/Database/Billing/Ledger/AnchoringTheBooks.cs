using System.Security.Cryptography;
using System.Text;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class AnchoringTheBooks : IClassFixture<TestDatabase>, IAsyncDisposable
{
    private readonly TestReplica replica;
    private readonly LedgerAnchors anchors;
    private readonly Customer customer;
    private readonly Auditor auditor;

    public AnchoringTheBooks(TestDatabase database)
    {
        replica = new TestReplica(database, TimeProvider.System);
        anchors = new LedgerAnchors(database.App, replica.Get<Secrets>(), TimeProvider.System);
        var ids = replica.Get<IdSource>();
        customer = new Customer(new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids), ids);
        auditor = new Auditor(database, customer);
    }

    public async ValueTask DisposeAsync() => await replica.DisposeAsync();

    [Fact]
    public async Task Proves_books_that_went_on_since()
    {
        await HaveHistory();
        var anchor = await Anchor();

        await customer.Run(customer.Usage(3, "later"));

        var report = await auditor.Verify(anchor);
        report.Findings.ShouldBeEmpty();
        report.CannotKnow.ShouldNotContain(sentence => sentence.StartsWith("Without an anchor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Finds_a_chain_that_was_computed_anew_after_an_edit()
    {
        await HaveHistory();
        var anchor = await Anchor();
        var transfers = await auditor.Transfers();

        await auditor.Tamper("update ledger.transfers set reference = 'another' where org_id = $1 and transfer_id = $2", transfers[1]);
        await auditor.RewriteChain();

        (await auditor.Findings()).ShouldBeEmpty();
        var finding = (await auditor.Verify(anchor)).Findings.ShouldHaveSingleItem();
        finding.Kind.ShouldBe(FindingKind.AnchorDiffers);
        finding.Transfer.ShouldBe(new TransferId(transfers[^1]));
    }

    [Fact]
    public async Task Finds_a_tail_that_was_cut_with_all_written_to_fit()
    {
        await HaveHistory();
        var anchor = await Anchor();
        var last = (await auditor.Transfers())[^1];

        await auditor.Tamper("delete from ledger.entries where org_id = $1 and transfer_id = $2", last);
        await auditor.Tamper("delete from ledger.transfers where org_id = $1 and transfer_id = $2", last);
        await auditor.RewriteChain();
        await auditor.Tamper("update ledger.accounts set spent_micros = 0, spent_at_count = 0 where org_id = $1");

        (await auditor.Findings()).ShouldBeEmpty();
        var finding = (await auditor.Verify(anchor)).Findings.ShouldHaveSingleItem();
        finding.Kind.ShouldBe(FindingKind.AnchorDiffers);
        finding.Transfer.ShouldBe(new TransferId(last));
    }

    [Fact]
    public async Task Finds_an_organisation_that_was_removed_as_a_whole()
    {
        await HaveHistory();
        var anchor = await Anchor();

        foreach (var table in new[] { "books", "transfers", "entries", "accounts", "grants" })
        {
            await auditor.Tamper($"delete from ledger.{table} where org_id = $1");
        }

        var all = (VerificationOutcome.Verified)await auditor.Verification.Run(
            new VerificationOptions { Anchor = anchor }, null, CancellationToken.None);
        var finding = all.Report.Findings.Where(finding => finding.Org == customer.Org).ShouldHaveSingleItem();
        finding.Kind.ShouldBe(FindingKind.OrganisationMissing);
    }

    [Fact]
    public async Task Keeps_one_key_and_tells_whether_a_pinned_one_signed()
    {
        await HaveHistory();
        var anchor = await Anchor();
        using var pinned = ECDsa.Create();
        pinned.ImportFromPem(anchors.PublicKeyPem());
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        anchor.Check(pinned).ShouldBe(AnchorSignature.HoldsByPinnedKey);
        (await Anchor()).Check(pinned).ShouldBe(AnchorSignature.HoldsByPinnedKey);
        anchor.Check(pinned: null).ShouldBe(AnchorSignature.HoldsByItsOwnKey);
        anchor.Check(other).ShouldBe(AnchorSignature.OtherKey);
    }

    [Fact]
    public async Task Is_not_believed_once_it_was_edited()
    {
        await HaveHistory();
        var text = Encoding.UTF8.GetString((await Anchor()).ToJson());
        var hash = Convert.ToHexStringLower((await Anchor()).HeadOf(customer.Org)!.HeadHash);

        LedgerAnchor.TryRead(Encoding.UTF8.GetBytes(text.Replace(hash, new string('0', 64), StringComparison.Ordinal)), out var edited)
            .ShouldBeTrue();

        edited!.Check(pinned: null).ShouldBe(AnchorSignature.Broken);
        LedgerAnchor.TryRead("{}"u8, out _).ShouldBeFalse();
    }

    /// <summary>As it is read again from its file.</summary>
    private async Task<LedgerAnchor> Anchor()
    {
        var taken = await anchors.Take(CancellationToken.None);
        LedgerAnchor.TryRead(taken.ToJson(), out var anchor).ShouldBeTrue();
        return anchor!;
    }

    private async Task HaveHistory()
    {
        await customer.Grant(customer.Credit(1_000, "credit"));
        await customer.Run(customer.Usage(300, "first"), customer.Usage(200, "second"), customer.Usage(100, "third"));
    }
}
