using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class VerifyingTheBooks : IClassFixture<TestDatabase>
{
    private readonly IdSource ids = new(TimeProvider.System);
    private readonly Quoin.Ledger.Ledger ledger;
    private readonly Customer customer;
    private readonly Auditor auditor;

    public VerifyingTheBooks(TestDatabase database)
    {
        ledger = new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids);
        customer = new Customer(ledger, ids);
        auditor = new Auditor(database, customer);
    }

    [Fact]
    public async Task Finds_nothing_in_sound_books()
    {
        await HaveHistory();

        var report = await auditor.Verify();

        report.Findings.ShouldBeEmpty();
        report.IsSound.ShouldBeTrue();
        report.Organisations.ShouldBe(1);
        report.Transfers.ShouldBe((await auditor.Transfers()).Count);
        report.Entries.ShouldBeGreaterThan(report.Transfers);
    }

    [Fact]
    public async Task Finds_nothing_in_books_without_a_transfer()
    {
        await customer.Run(customer.Hold(1, "refused"));

        (await auditor.Findings()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Says_what_it_cannot_know_without_an_anchor()
    {
        var report = await auditor.Verify();

        report.CannotKnow.Count(sentence => sentence.StartsWith("Without an anchor", StringComparison.Ordinal)).ShouldBe(3);
    }

    [Theory]
    [InlineData("reference = 'another'")]
    [InlineData("key = 'another'")]
    [InlineData("kind = 'payout'")]
    [InlineData("body_hash = '00000000-0000-0000-0000-000000000001'")]
    [InlineData("occurred_at = occurred_at - interval '1 microsecond'")]
    [InlineData("metadata = '{\"order\":\"6\"}'")]
    [InlineData("reverses_transfer_id = '00000000-0000-0000-0000-000000000001'")]
    public async Task Finds_a_transfer_that_was_edited(string change)
    {
        await HaveHistory();
        var edited = (await auditor.Transfers())[3];

        await auditor.Tamper($"update ledger.transfers set {change} where org_id = $1 and transfer_id = $2", edited);

        var finding = await auditor.Finding();
        finding.Kind.ShouldBe(FindingKind.TransferChanged);
        finding.Transfer.ShouldBe(new TransferId(edited));
    }

    [Fact]
    public async Task Finds_an_instant_of_recording_that_was_edited()
    {
        await HaveHistory();
        var edited = (await auditor.Transfers())[3];

        await auditor.Tamper(
            "update ledger.transfers set recorded_at = recorded_at - interval '1 day' where org_id = $1 and transfer_id = $2", edited);

        (await auditor.Finding()).Transfer.ShouldBe(new TransferId(edited));
    }

    [Fact]
    public async Task Finds_an_amount_that_was_edited()
    {
        await HaveHistory();
        var edited = (await auditor.Transfers())[3];

        await auditor.Tamper(
            "update ledger.entries set amount_micros = amount_micros - 1 where org_id = $1 and transfer_id = $2 and ordinal = 0",
            edited);

        var findings = (await auditor.Verify()).Findings;
        findings.ShouldAllBe(finding => finding.Transfer == new TransferId(edited));
        findings.Select(finding => finding.Kind).ShouldBe(
            [FindingKind.RunningBalanceDiffers, FindingKind.TransferUnbalanced, FindingKind.TransferChanged]);
    }

    [Theory]
    [InlineData("chain_count = 9223372036854775807")]
    [InlineData("chain_count = -9223372036854775808")]
    [InlineData("metadata = 'not json'")]
    [InlineData("recorded_at = 'infinity'")]
    [InlineData("occurred_at = '-infinity'")]
    public async Task Goes_on_whatever_is_stored(string change)
    {
        await HaveHistory();
        var first = (await auditor.Transfers())[0];

        await auditor.Tamper($"update ledger.transfers set {change} where org_id = $1 and transfer_id = $2", first);
        await auditor.Tamper(
            "update ledger.grants set expires_at = 'infinity', effective_at = '-infinity', scopes = '{null}', source = '' "
            + "where org_id = $1 and grant_id = $2",
            first);
        await auditor.Tamper("update ledger.accounts set balance_micros = 9223372036854775807 where org_id = $1");

        var findings = (await auditor.Verify()).Findings;
        findings.ShouldContain(finding => finding.Transfer == new TransferId(first));
        findings.Count(finding => finding.Kind == FindingKind.BalanceDiffers).ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task Finds_a_running_balance_that_was_edited()
    {
        await HaveHistory();
        var edited = (await auditor.Transfers())[1];

        await auditor.Tamper(
            "update ledger.entries set balance_after_micros = 5 where org_id = $1 and transfer_id = $2 and ordinal = 0", edited);

        (await auditor.Findings()).ShouldContain(FindingKind.RunningBalanceDiffers);
        (await auditor.Findings()).ShouldContain(FindingKind.TransferChanged);
    }

    [Fact]
    public async Task Finds_a_transfer_that_was_deleted_with_its_entries()
    {
        await HaveHistory();
        var transfers = await auditor.Transfers();

        await auditor.Tamper("delete from ledger.entries where org_id = $1 and transfer_id = $2", transfers[3]);
        await auditor.Tamper("delete from ledger.transfers where org_id = $1 and transfer_id = $2", transfers[3]);

        var missing = (await auditor.Verify()).Findings[0];
        missing.Kind.ShouldBe(FindingKind.TransfersMissing);
        missing.Transfer.ShouldBe(new TransferId(transfers[4]));
        missing.Expected.ShouldContain(new TransferId(transfers[2]).ToString());
    }

    [Fact]
    public async Task Finds_entries_whose_transfer_was_deleted_and_transfers_whose_entries_were()
    {
        await HaveHistory();
        var transfers = await auditor.Transfers();

        await auditor.Tamper("delete from ledger.transfers where org_id = $1 and transfer_id = $2", transfers[3]);
        await auditor.Tamper("delete from ledger.entries where org_id = $1 and transfer_id = $2", transfers[^1]);

        var findings = (await auditor.Verify()).Findings;
        findings[0].Kind.ShouldBe(FindingKind.EntryWithoutTransfer);
        findings[0].Transfer.ShouldBe(new TransferId(transfers[3]));
        findings[^1].Kind.ShouldNotBe(FindingKind.EntryWithoutTransfer);
        findings.Where(finding => finding.Kind == FindingKind.TransferChanged).Select(finding => finding.Transfer)
            .ShouldBe([new TransferId(transfers[^1])]);
    }

    [Fact]
    public async Task Finds_a_transfer_that_was_put_in()
    {
        await HaveHistory();
        var transfers = await auditor.Transfers();
        var forged = Between(transfers[3], transfers[4]);

        await auditor.Tamper(
            """
            insert into ledger.transfers
            select org_id, $3, billing_account_id, 'forged', body_hash, kind, reference, occurred_at, recorded_at, chain_count + 1,
                chain_hash, null, metadata
            from ledger.transfers
            where org_id = $1 and transfer_id = $2
            """,
            transfers[3],
            forged);

        var findings = (await auditor.Verify()).Findings;
        findings[0].Kind.ShouldBe(FindingKind.TransferChanged);
        findings[0].Transfer.ShouldBe(new TransferId(forged));
        findings[1].Kind.ShouldBe(FindingKind.TransferOutOfOrder);
        findings[1].Transfer.ShouldBe(new TransferId(transfers[4]));
    }

    [Fact]
    public async Task Finds_two_transfers_that_changed_places()
    {
        await HaveHistory();
        var transfers = await auditor.Transfers();
        var (one, two, aside) = (transfers[2], transfers[3], Guid.Empty);

        foreach (var (from, to) in new[] { (one, aside), (two, one), (aside, two) })
        {
            await auditor.Tamper("update ledger.transfers set transfer_id = $3 where org_id = $1 and transfer_id = $2", from, to);
            await auditor.Tamper("update ledger.entries set transfer_id = $3 where org_id = $1 and transfer_id = $2", from, to);
        }

        var findings = (await auditor.Verify()).Findings;
        findings[0].Transfer.ShouldBe(new TransferId(one));
        findings.Select(finding => finding.Kind).ShouldContain(FindingKind.TransferOutOfOrder);
    }

    [Fact]
    public async Task Finds_a_tail_that_was_cut()
    {
        await HaveHistory();

        await CutLast();

        var findings = (await auditor.Verify()).Findings;
        findings[0].Kind.ShouldBe(FindingKind.HeadDiffers);
        findings[0].Found.ShouldContain("1 missing at the end");
        findings.Select(finding => finding.Kind).ShouldContain(FindingKind.BalanceDiffers);
    }

    [Fact]
    public async Task Finds_an_account_whose_kind_was_changed_and_names_it_once()
    {
        await HaveHistory();
        var revenue = await auditor.Account(AccountKind.Revenue);

        await auditor.Tamper("update ledger.accounts set kind = 'tax' where org_id = $1 and account_id = $2", revenue);

        var finding = (await auditor.Verify()).Findings[0];
        finding.Kind.ShouldBe(FindingKind.AccountKindChanged);
        finding.Account.ShouldBe(new AccountId(revenue));
        (finding.Expected, finding.Found).ShouldBe(("revenue", "tax"));
        (await auditor.Findings()).ShouldBe([FindingKind.AccountKindChanged]);
    }

    [Theory]
    [InlineData("billing_account_id = '00000000-0000-0000-0000-000000000001'", FindingKind.AccountMoved)]
    [InlineData("currency = 'EUR'", FindingKind.AccountMoved)]
    [InlineData("balance_micros = balance_micros + 1", FindingKind.BalanceDiffers)]
    [InlineData("held_micros = held_micros + 1", FindingKind.HeldDiffers)]
    [InlineData("spent_micros = 1", FindingKind.SpentDiffers)]
    public async Task Finds_an_account_that_was_edited(string change, FindingKind kind)
    {
        await HaveHistory();
        var revenue = await auditor.Account(AccountKind.Revenue);

        await auditor.Tamper($"update ledger.accounts set {change} where org_id = $1 and account_id = $2", revenue);

        var finding = await auditor.Finding();
        finding.Kind.ShouldBe(kind);
        finding.Account.ShouldBe(new AccountId(revenue));
    }

    [Fact]
    public async Task Finds_an_account_that_was_removed()
    {
        await HaveHistory();
        var revenue = await auditor.Account(AccountKind.Revenue);

        await auditor.Tamper("delete from ledger.accounts where org_id = $1 and account_id = $2", revenue);

        var finding = await auditor.Finding();
        finding.Kind.ShouldBe(FindingKind.AccountMissing);
        finding.Account.ShouldBe(new AccountId(revenue));
    }

    [Theory]
    [InlineData("granted_micros = granted_micros + 1", FindingKind.GrantTermsChanged)]
    [InlineData("expires_at = expires_at + interval '1 year'", FindingKind.GrantTermsChanged)]
    [InlineData("priority = 99", FindingKind.GrantTermsChanged)]
    [InlineData("scopes = '{}'", FindingKind.GrantTermsChanged)]
    [InlineData("source = 'purchased'", FindingKind.GrantTermsChanged)]
    [InlineData("created_at = created_at - interval '1 day'", FindingKind.GrantTermsChanged)]
    [InlineData("state = 'exhausted'", FindingKind.GrantStateDiffers)]
    public async Task Finds_a_grant_that_was_edited(string change, FindingKind kind)
    {
        var grant = await HaveHistory();

        await auditor.Tamper($"update ledger.grants set {change} where org_id = $1 and grant_id = $2", grant.Value);

        var finding = (await auditor.Verify()).Findings[0];
        finding.Kind.ShouldBe(kind);
        finding.Account.ShouldBe(grant.Account);
    }

    [Fact]
    public async Task Finds_a_granted_amount_that_was_changed()
    {
        var grant = await HaveHistory();

        await auditor.Tamper("update ledger.grants set granted_micros = 1 where org_id = $1 and grant_id = $2", grant.Value);

        (await auditor.Findings()).ShouldContain(FindingKind.GrantedDiffers);
    }

    [Fact]
    public async Task Finds_a_grant_that_was_removed()
    {
        var grant = await HaveHistory();

        await auditor.Tamper("delete from ledger.grants where org_id = $1 and grant_id = $2", grant.Value);

        (await auditor.Finding()).Kind.ShouldBe(FindingKind.GrantMissing);
    }

    [Fact]
    public async Task Finds_a_hold_that_reserves_something_else()
    {
        await HaveHistory();

        await auditor.Tamper("update ledger.holds set part_micros = '{1}' where org_id = $1 and state = 'open'");

        (await auditor.Findings()).ShouldBe([FindingKind.HeldDiffers, FindingKind.HoldDiffers], ignoreOrder: true);
    }

    [Fact]
    public async Task Finds_books_that_were_removed()
    {
        await HaveHistory();

        await auditor.Tamper("delete from ledger.books where org_id = $1");

        (await auditor.Finding()).Kind.ShouldBe(FindingKind.BooksMissing);
    }

    [Fact]
    public async Task Lists_the_first_findings_and_counts_all()
    {
        await customer.Grant(customer.Credit(100_000, "credit"));
        await customer.Run([.. Enumerable.Range(0, 120).Select(index => customer.Usage(1, $"usage {index}"))]);

        await auditor.Tamper("update ledger.transfers set reference = 'another' where org_id = $1");

        var report = await auditor.Verify();
        report.FindingCount.ShouldBe(121);
        report.Findings.Count.ShouldBe(Quoin.Ledger.Limits.FindingsListedMax);
    }

    [Fact]
    public async Task Finds_nothing_while_others_post()
    {
        await HaveHistory();
        using var enough = new CancellationTokenSource();
        var posting = Task.Run(async () =>
        {
            // Bounded: with stretches this small, a fast poster would keep ahead of the verification for ever.
            for (var index = 0; index < 1_000 && !enough.IsCancellationRequested; index++)
            {
                var hold = await customer.Held(customer.Hold(1, $"hold {index}"));
                await customer.Run(
                    customer.Credit(10, $"credit {index}"),
                    customer.Usage(9, $"usage {index}"),
                    new ReleaseHold(customer.Org, hold, Customer.Noon));
            }
        });

        var before = (await auditor.Verify()).Transfers;
        for (var round = 0; round < 5; round++)
        {
            var options = new VerificationOptions { Org = customer.Org, TransfersPerCheckpoint = 7 };
            var outcome = await auditor.Verification.Run(options, null, CancellationToken.None);
            outcome.ShouldBeOfType<VerificationOutcome.Verified>().Report.Findings.ShouldBeEmpty();
        }

        var after = (await auditor.Verify()).Transfers;
        await enough.CancelAsync();
        await posting;
        after.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task Computes_the_hashes_that_the_writer_and_the_database_compute()
    {
        await customer.Grant(customer.Credit(1_000, "ключ \"quoted\" 🙂") with
        {
            Reference = string.Empty,
            Metadata = new Dictionary<string, string> { [""] = "", ["ключ"] = "naïve\n\t日本\\" },
        });
        var posted = (PostOutcome.Posted)await customer.Run(customer.Usage(10, new string('é', 200)));
        await customer.Run(new PostTransfer(customer.Transfer(
            new BusinessFact.Reversal(
                Customer.Usd(10),
                [new Leg(AccountKind.Revenue, Customer.Usd(-10)), new Leg(AccountKind.Overdraft, Customer.Usd(10))],
                posted.Id,
                "usage_prepaid"),
            "undo")));
        await customer.Run(customer.Usage(0, "no entries"));

        (await auditor.Findings()).ShouldBeEmpty();
        (await auditor.HashesThatDiffer()).ShouldBe(0);
    }

    /// <summary>A bit of everything: grants, usage, holds, captures, returns, overdraft, a reversal.</summary>
    private async Task<GrantId> HaveHistory()
    {
        var restricted = await customer.Grant(customer.Credit(10_000, "plan") with
        {
            Source = GrantSource.Plan,
            EffectiveAt = Customer.Noon.AddDays(-1),
            ExpiresAt = Customer.Noon.AddDays(30),
            Scopes = ["model:gpt", "model:opus"],
            Metadata = new Dictionary<string, string> { ["plan"] = "team", ["ünïcode"] = "日本 🙂" },
        });
        await customer.Run(
            customer.Credit(1_000, "purchased"),
            customer.Usage(300, "first"),
            new PostTransfer(customer.Transfer(new BusinessFact.Usage(Customer.Usd(200), PaymentTerms.Prepaid), "second") with
            {
                Metadata = new Dictionary<string, string> { ["order"] = "5" },
            }),
            customer.Usage(-100, "back"),
            customer.Usage(2_000, "overdrawn"),
            customer.Credit(5_000, "repays"),
            customer.Usage(70, "postpaid", PaymentTerms.Postpaid),
            new PostTransfer(customer.Transfer(new BusinessFact.PaymentReceived(Customer.Usd(70)), "paid")),
            customer.Hold(500, "stays open"),
            customer.Usage(0, "nothing"),
            customer.Usage(20, "last"));
        return restricted;
    }

    private async Task CutLast()
    {
        var last = (await auditor.Transfers())[^1];
        await auditor.Tamper("delete from ledger.entries where org_id = $1 and transfer_id = $2", last);
        await auditor.Tamper("delete from ledger.transfers where org_id = $1 and transfer_id = $2", last);
    }

    private static Guid Between(Guid before, Guid after)
    {
        Span<byte> bytes = stackalloc byte[16];
        before.TryWriteBytes(bytes, bigEndian: true, out _);
        var next = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes) + 1;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, next);
        var between = new Guid(bytes, bigEndian: true);
        between.CompareTo(after).ShouldBeLessThan(0);
        return between;
    }
}
