using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class ResumingAVerification : IClassFixture<TestDatabase>, IDisposable
{
    private const int TransfersPerCheckpoint = 10;

    private readonly TestDatabase database;
    private readonly Customer customer;
    private readonly Auditor auditor;
    private readonly string file = Path.Combine(Path.GetTempPath(), $"quoin-resume-{Path.GetRandomFileName()}");

    public ResumingAVerification(TestDatabase database)
    {
        this.database = database;
        var ids = new IdSource(TimeProvider.System);
        customer = new Customer(new Quoin.Ledger.Ledger(database.App, TimeProvider.System, ids), ids);
        auditor = new Auditor(database, customer);
    }

    public void Dispose() => File.Delete(file);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Finds_what_running_through_finds(int stretches)
    {
        await HaveHistory();
        var transfers = await auditor.Transfers();
        foreach (var edited in new[] { transfers[2], transfers[25], transfers[48] })
        {
            await auditor.Tamper("update ledger.transfers set reference = 'another' where org_id = $1 and transfer_id = $2", edited);
        }

        await auditor.Tamper("update ledger.accounts set balance_micros = balance_micros + 1 where org_id = $1 and kind = 'revenue'");
        var through = await auditor.Verify();

        await BreakOffAfter(stretches);
        var resumed = await Resume();

        through.FindingCount.ShouldBe(4);
        resumed.Findings.ShouldBe(through.Findings);
        (resumed.FindingCount, resumed.Organisations, resumed.Transfers, resumed.Entries)
            .ShouldBe((through.FindingCount, through.Organisations, through.Transfers, through.Entries));
    }

    [Fact]
    public async Task Takes_what_was_posted_meanwhile_into_account()
    {
        await HaveHistory();
        await BreakOffAfter(2);

        await customer.Run(customer.Credit(40, "later"), customer.Usage(7, "later usage"));

        var report = await Resume();
        report.Findings.ShouldBeEmpty();
        report.Transfers.ShouldBe((await auditor.Transfers()).Count);
    }

    [Fact]
    public async Task Forgets_a_line_that_was_cut_off()
    {
        await HaveHistory();
        await BreakOffAfter(2);
        await File.AppendAllTextAsync(file, "{\"org\":\"org_");

        (await Resume()).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task Answers_at_once_what_was_finished()
    {
        await HaveHistory();
        var first = await Resume();

        (await Resume()).Transfers.ShouldBe(first.Transfers);
    }

    [Fact]
    public async Task Is_refused_for_another_question()
    {
        await HaveHistory();
        await BreakOffAfter(1);

        var outcome = await new LedgerVerification(database.App).Run(
            new VerificationOptions { ResumeFile = file }, null, CancellationToken.None);

        outcome.ShouldBeOfType<VerificationOutcome.CannotResume>();
    }

    private async Task BreakOffAfter(int stretches)
    {
        using var stop = new CancellationTokenSource();
        var left = stretches;
        var progress = new Told(() =>
        {
            if (--left == 0)
            {
                stop.Cancel();
            }
        });

        await Should.ThrowAsync<OperationCanceledException>(() =>
            new LedgerVerification(database.App).Run(Options(), progress, stop.Token));
    }

    private async Task<VerificationReport> Resume() =>
        (await new LedgerVerification(database.App).Run(Options(), null, CancellationToken.None))
        .ShouldBeOfType<VerificationOutcome.Verified>().Report;

    private VerificationOptions Options() =>
        new() { Org = customer.Org, ResumeFile = file, TransfersPerCheckpoint = TransfersPerCheckpoint };

    private async Task HaveHistory()
    {
        await customer.Grant(customer.Credit(10_000, "credit"));
        await customer.Run([.. Enumerable.Range(0, 54).Select(index => customer.Usage(index, $"usage {index}"))]);
        await customer.Held(customer.Hold(5, "open"));
    }

    private sealed class Told(Action act) : IProgress<VerificationProgress>
    {
        public void Report(VerificationProgress value) => act();
    }
}
