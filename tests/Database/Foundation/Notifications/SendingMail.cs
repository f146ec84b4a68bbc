using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Tests.Support;
using Limits = Quoin.Notifications.Limits;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>Each test has its own database: a replica sends whatever is due in it.</summary>
public sealed class SendingMail : IAsyncLifetime
{
    private readonly TestDatabase database = new();
    private readonly SettableClock clock = new();
    private readonly MailServer server = new();
    private NotificationsReplica replica = null!;
    private OrgId org;

    public async Task InitializeAsync()
    {
        await database.InitializeAsync();
        replica = new NotificationsReplica(database, clock, server.Options);
        org = await replica.NewOrganisation();
    }

    public async Task DisposeAsync()
    {
        await replica.DisposeAsync();
        await server.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Tells_each_address_its_topics_once()
    {
        await Choose(
            new MailRecipient("money@acme.example", ["balance.low"]),
            new MailRecipient("limits@acme.example", ["limit.reached"]),
            new MailRecipient("All@acme.example", ["*"]));

        await replica.Tell(org, "once");
        await replica.Tell(org, "once");
        await Send();
        await Send();

        server.Mails.Select(mail => mail.To).Order()
            .ShouldBe(["RCPT TO:<all@acme.example>", "RCPT TO:<money@acme.example>"]);

        // RFC 2045, section 6.7: a line that ends with an equals sign goes on.
        var text = server.Mails.First().Text.Replace("=" + Environment.NewLine, "", StringComparison.Ordinal);
        text.ShouldContain("Subject: [Test] Acme: The balance is low: 4.210000 USD left");
        text.ShouldContain("From: billing@quoin.example");
        text.ShouldContain("Auto-Submitted: auto-generated");
        text.ShouldContain("Available: 4.210000 USD");
        text.ShouldContain($"Organisation: Acme ({org})");
    }

    [Fact]
    public async Task Says_nothing_of_tests_in_a_live_organisation()
    {
        org = await replica.NewOrganisation(OrganisationMode.Live);
        await Choose(new MailRecipient("money@acme.example", ["*"]));

        await replica.Tell(org);
        await Send();

        server.Mails.ShouldHaveSingleItem().Text.ShouldContain("Subject: Acme: The balance is low");
    }

    [Fact]
    public async Task Keeps_no_mail_where_there_is_no_mail_server()
    {
        await using var without = new NotificationsReplica(database, clock, new NotificationOptions());
        await Choose(new MailRecipient("money@acme.example", ["*"]));

        await without.Tell(org);
        await Send();

        server.Mails.ShouldBeEmpty();
        (await Latest()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Tries_again_what_was_refused_for_now()
    {
        await Choose(new MailRecipient("money@acme.example", ["*"]));
        server.RecipientReply = "450 Try later";
        await replica.Tell(org);
        await Send();
        server.RecipientReply = "250 OK";

        clock.Advance(Limits.MailRetryFirst * 1.2);
        await Send();

        server.Mails.ShouldHaveSingleItem();
        (await Latest()).Single().State.ShouldBe(MailState.Sent);
    }

    [Fact]
    public async Task Gives_up_what_was_refused_for_good()
    {
        await Choose(new MailRecipient("nobody@acme.example", ["*"]));
        server.RecipientReply = "550 No such person";

        await replica.Tell(org);
        await Send();

        (await Latest()).Single().State.ShouldBe(MailState.Dead);
    }

    [Fact]
    public async Task Never_sends_a_second_mail_when_it_does_not_know_of_the_first()
    {
        await Choose(new MailRecipient("money@acme.example", ["*"]));
        server.BeforeReply = client =>
        {
            client.Close();
            return Task.CompletedTask;
        };

        await replica.Tell(org);
        await Send();
        clock.Advance(TimeSpan.FromDays(1));
        await Send();

        server.Mails.ShouldHaveSingleItem();
        (await Latest()).Single().State.ShouldBe(MailState.Uncertain);
    }

    [Fact]
    public async Task Never_sends_a_second_mail_when_a_replica_died_over_the_first()
    {
        await Choose(new MailRecipient("money@acme.example", ["*"]));
        await replica.Tell(org);
        await using var taken = database.App.CreateCommand(
            "update notifications.mails set state = 'sending', due_at = due_at + interval '2 minutes'");
        await taken.ExecuteNonQueryAsync();

        clock.Advance(Limits.MailLease);
        await Send();

        server.Mails.ShouldBeEmpty();
        (await Latest()).Single().State.ShouldBe(MailState.Uncertain);
    }

    [Fact]
    public async Task Sends_an_address_only_so_many_a_day()
    {
        await Choose(new MailRecipient("money@acme.example", ["*"]));
        for (var index = 0; index <= Limits.MailsPerAddressAndDayMax; index++)
        {
            await replica.Tell(org);
        }

        clock.Advance(TimeSpan.FromDays(1));
        await replica.Tell(org);
        await Send();

        server.Mails.Count.ShouldBe(Limits.MailsPerAddressAndDayMax + 1);
    }

    private Task Send() => replica.Services.Get<Pumps>().RunUntilIdle("notifications.mails", default);

    private Task<IReadOnlyList<SentMail>> Latest() =>
        replica.Services.Get<NotificationRecipients>().LatestMails(org, default);

    private async Task Choose(params MailRecipient[] recipients)
    {
        var outcome = await replica.Services.Get<NotificationRecipients>().Choose(org, recipients, "test", default);
        outcome.ShouldBeOfType<RecipientsOutcome.Chosen>();
    }
}
