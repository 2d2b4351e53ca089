import { Body, Controller, Get, HttpCode, Inject, Post, UseGuards } from '@nestjs/common';
import {
  type AllowancesAnswer,
  type AllowancesBody,
  allowancesBody,
  type FinishedBody,
  finishedBody,
} from '@tollgate/contracts/allowances-http';
import {
  type AllowancesHeldAnswer,
  type LoseAnswer,
  type LoseBody,
  loseBody,
} from '@tollgate/contracts/operations-http';
import { Input } from '@tollgate/service-kit/input';
import { InternalToken } from '@tollgate/service-kit/internal-token';
import { DataSource } from 'typeorm';
import { AllowanceMetrics } from '../allowances/allowance-metrics.ts';
import { answerCall } from '../allowances/answer-call.ts';
import { heldAllowances } from '../allowances/held-allowances.ts';
import { loseHolder } from '../allowances/lose-holder.ts';
import { noteHolderFinished } from '../allowances/note-finished.ts';

/** What gateways ask for of limits, and what operators do about it. */
@Controller('v1/allowances')
@UseGuards(InternalToken)
export class AllowancesController {
  constructor(
    @Inject(DataSource) private readonly db: DataSource,
    @Inject(AllowanceMetrics) private readonly metrics: AllowanceMetrics,
  ) {}

  @Post()
  @HttpCode(200)
  async ask(@Body(new Input(allowancesBody)) body: AllowancesBody): Promise<AllowancesAnswer> {
    const stopTimer = this.metrics.callSeconds.startTimer();
    const outcome = await answerCall(this.db, body);
    stopTimer();
    this.metrics.count(outcome);
    return { data: [...outcome.answers] };
  }

  @Post('finished')
  @HttpCode(200)
  async finished(@Body(new Input(finishedBody)) body: FinishedBody): Promise<object> {
    await noteHolderFinished(this.db, body);
    return {};
  }

  @Get()
  held(): Promise<AllowancesHeldAnswer> {
    return heldAllowances(this.db.manager);
  }

  @Post('lose')
  @HttpCode(200)
  lose(@Body(new Input(loseBody)) body: LoseBody): Promise<LoseAnswer> {
    return loseHolder(this.db, body);
  }
}
